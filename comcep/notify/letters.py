"""The words of every mail. None holds a title, a name or a word that somebody wrote in the forum."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _lazy

FOOT = (
    "—\nComCEP, la communauté des conseillers en évolution professionnelle\n"
    "Ce courriel est automatique : n'y répondez pas."
)


@dataclass(frozen=True)
class Letter:
    subject: str
    body: str


def _letter(subject: str, *paragraphs: str) -> Letter:
    return Letter(subject, "\n\n".join((_("Bonjour,"), *paragraphs, _(FOOT))) + "\n")


def answer(link: str) -> Letter:
    return _letter(_("Une réponse à votre question"), _("Un pair a répondu à une question que vous avez posée :"), link)


def reply(link: str) -> Letter:
    return _letter(
        _("Du nouveau dans un sujet que vous suivez"), _("Un sujet que vous suivez a reçu un message :"), link
    )


def answered_search(link: str) -> Letter:
    return _letter(
        _("Un cas résolu répond à une de vos recherches"),
        _("Un cas qui vient d'être résolu répond à une recherche que vous gardez :"),
        link,
    )


def statement(link: str) -> Letter:
    return _letter(
        _("Une décision de l'animation vous concerne"),
        _("L'animation a pris une décision sur un de vos messages. Le motif, et comment le contester :"),
        link,
    )


def notice(link: str) -> Letter:
    return _letter(
        _("Une décision de l'animation vous concerne"),
        _("L'animation a pris une décision sur un de vos messages. Laquelle :"),
        link,
    )


def contest(link: str) -> Letter:
    return _letter(
        _("Une décision est contestée"),
        _("L'auteur d'un message conteste une décision de l'animation. Ce qu'il en dit, et où lui répondre :"),
        link,
    )


def contest_answered(link: str) -> Letter:
    return _letter(
        _("Réponse à votre contestation"),
        _("L'animation a répondu à votre contestation :"),
        link,
    )


def suspended(reason: str) -> Letter:
    return _letter(
        _("Votre compte est suspendu"),
        _("Votre compte ComCEP est suspendu : vous ne pouvez plus vous y connecter. Motif donné :"),
        reason,
        _("Pour contester, adressez-vous au référent de votre réseau, qui transmettra à l'animation."),
    )


def restored(link: str) -> Letter:
    return _letter(
        _("Votre compte est rétabli"), _("Votre compte ComCEP est rétabli. Vous pouvez vous connecter :"), link
    )


def national_theme(link: str) -> Letter:
    return _letter(
        _("Une thématique que vous avez proposée"),
        _("Une décision a été prise sur une thématique nationale que vous avez proposée :"),
        link,
    )


def accepted(network: str, link: str) -> Letter:
    return _letter(
        _("Votre inscription est validée"),
        _("%(network)s a validé votre inscription à ComCEP. Bienvenue !", network=network),
        _("Vous pouvez vous connecter :"),
        link,
    )


def refused(network: str, reason: str, link: str) -> Letter:
    return _letter(
        _("Votre demande d'inscription"),
        _("%(network)s n'a pas validé votre demande d'inscription à ComCEP. Motif donné :", network=network),
        reason,
        _("L'état de votre demande reste visible ici ; vous pouvez y demander de nouveau, ou à un autre réseau :"),
        link,
    )


def digest(link: str) -> Letter:
    return _letter(
        _("Une synthèse thématique est parue"),
        _("L'animation vient de publier une synthèse des thèmes dont parlent les conseillers :"),
        link,
    )


def confirm(link: str) -> Letter:
    return _letter(
        _("Confirmez votre adresse"),
        _("Une demande d'inscription à ComCEP a été faite avec cette adresse et attend votre confirmation."),
        _("Si elle vient de vous, relisez-la et choisissez votre mot de passe ici, dans les quatorze jours :"),
        link,
        _("Sinon, ne faites rien : sans confirmation, la demande reste sans suite."),
    )


def known_address(sign_in: str, forgotten: str) -> Letter:
    return _letter(
        _("Vous avez déjà un compte"),
        _("Une demande d'inscription à ComCEP vient d'être faite avec votre adresse, qui a déjà un compte."),
        _("Pour vous connecter : %(link)s", link=sign_in),
        _("Pour choisir un nouveau mot de passe : %(link)s", link=forgotten),
        _("Une fois connecté·e, « Ma demande » dit où en est votre inscription et permet de demander de nouveau."),
        _("Si la demande ne vient pas de vous, rien n'a changé."),
    )


def new_password(link: str) -> Letter:
    return _letter(
        _("Choisir un nouveau mot de passe"),
        _("Un nouveau mot de passe a été demandé pour votre compte. Pour le choisir, dans les deux heures :"),
        link,
        _("Si la demande ne vient pas de vous, ne faites rien."),
    )


def requests_wait(link: str) -> Letter:
    return _letter(
        _("Une inscription attend votre réponse"),
        _("Au moins une personne demande à rejoindre ComCEP comme membre d'un réseau dont vous êtes référent·e."),
        _("Ce qui attend, et de quoi y répondre :"),
        link,
    )


def account_opened(link: str) -> Letter:
    return _letter(
        _("Un compte ComCEP est ouvert à votre adresse"),
        _("L'administration de ComCEP vient de vous ouvrir un compte. Pour en choisir le mot de passe :"),
        link,
        _("Si vous n'attendiez rien de tel, parlez-en à votre réseau."),
    )


def appointed(words: str, link: str) -> Letter:
    return _letter(
        _("Votre place dans ComCEP change"),
        words,
        _("Ce que votre compte est ici :"),
        link,
        _("Si vous n'attendiez rien de tel, parlez-en à votre réseau."),
    )


LETTERS: dict[str, Callable[[str], Letter]] = {
    "answer": answer,
    "reply": reply,
    "saved": answered_search,
    "statement": statement,
    "notice": notice,
    "contest": contest,
    "contest-answered": contest_answered,
}
# How the page of notifications says each kind.
SENTENCES = {
    "answer": _lazy("Une réponse à votre question"),
    "reply": _lazy("Du nouveau dans un sujet que vous suivez"),
    "saved": _lazy("Un cas résolu répond à une recherche que vous gardez"),
    "statement": _lazy("Une décision de l'animation sur un de vos messages"),
    "notice": _lazy("L'animation s'est occupée d'un de vos messages"),
    "contest": _lazy("Une décision de l'animation est contestée"),
    "contest-answered": _lazy("L'animation répond à votre contestation"),
}
