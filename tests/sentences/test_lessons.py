"""What the sentence model learnt from holds nothing that search is then measured on."""

import random

from tests.search.evaluation import CHOOSING, FAR, FRESH, QUERIES, judged
from tests.sentences import lessons


def test_no_lesson_is_a_query_that_is_kept_apart_or_that_models_are_chosen_on() -> None:
    apart = {query.words for path in (QUERIES, FAR, FRESH) for query in judged(path) if query.is_kept_apart}
    apart |= {query.words for query in judged(CHOOSING)}
    chance = random.Random(0)

    # Terms of the thesaurus and words of a case are such queries too: search reads those itself.
    for draw in (lessons._of_queries(), lessons._of_told()):
        drawn = {text for _ in range(5_000) for text in _texts(draw(chance))}
        assert len(drawn) > 400
        assert not drawn & apart


def _texts(lesson: lessons.Lesson) -> tuple[str, str]:
    return lesson.asked.text, lesson.answer.text
