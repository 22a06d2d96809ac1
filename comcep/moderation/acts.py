"""The kinds of act that the journal holds, each with the words its page says it by, and what an act is done to.

An act of a kind that is not here cannot be recorded: a line without words would say nothing to who reads it. How lines
are written and chained is journal.py.
"""

from flask_babel import lazy_gettext as _

ACTS = {
    # messages and topics
    "edit": _("modifié"),
    "hide": _("masqué"),
    "show-again": _("rendu visible"),
    "check": _("vérifié"),
    "reveal": _("anonymat levé"),
    "solve": _("réponse retenue"),
    "reopen-question": _("question rouverte"),
    "still-waits": _("question encore en attente"),
    "move": _("déplacé"),
    "close": _("fermé"),
    "open-again": _("rouvert"),
    "pin": _("épinglé"),
    "unpin": _("désépinglé"),
    "relay": _("relayé aux pairs"),
    "unrelay": _("plus relayé"),
    "set-themes": _("thèmes changés"),
    # decisions that their author contests
    "contest": _("décision contestée"),
    "keep-decision": _("décision maintenue"),
    "take-back-decision": _("décision reprise"),
    # accounts and roles
    "create-account": _("compte ouvert"),
    "account-active": _("compte rétabli"),
    "account-suspended": _("compte suspendu"),
    "accept-request": _("inscription validée"),
    "refuse-request": _("inscription refusée"),
    "join-group": _("entré dans un groupe"),
    "leave-group": _("sorti d'un groupe"),
    "name-admin": _("administration technique donnée"),
    "withdraw-admin": _("administration technique retirée"),
    "name-animator": _("animation donnée"),
    "withdraw-animator": _("animation retirée"),
    "name-committee": _("entré au comité opérationnel"),
    "withdraw-committee": _("sorti du comité opérationnel"),
    "name-referent": _("référent de réseau nommé"),
    "withdraw-referent": _("référent de réseau retiré"),
    "end-membership": _("inscription close"),
    # the site
    "rename-section": _("rubrique renommée ou déplacée"),
    "add-theme": _("thème ajouté"),
    "rename-theme": _("thème renommé"),
    "merge-theme": _("thème fondu dans un autre"),
    # what the committee reads
    "draft-digest": _("synthèse commencée"),
    "write-digest": _("mots d'une synthèse changés"),
    "publish-digest": _("synthèse publiée"),
    "correct-digest": _("synthèse corrigée"),
    "redact-digest": _("passage retiré d'une synthèse"),
    "confirm-word": _("mot gardé dans ce que lit le comité"),
    "approve-term": _("terme approuvé"),
    "decide-national-theme": _("thématique nationale : décision"),
}

SUBJECTS = {
    "post": _("message"),
    "topic": _("sujet"),
    "section": _("rubrique"),
    "member": _("compte"),
    "request": _("demande d'inscription"),
    "digest": _("synthèse"),
    "theme": _("thème"),
    "term": _("terme"),
    "national-theme": _("thématique nationale"),
}


def require_words(kind: str, subject_type: str) -> None:
    """Raise ValueError for a kind of act, or of thing, that the journal has no words for."""
    if kind not in ACTS or subject_type not in SUBJECTS:
        raise ValueError(f"the journal has no words for {kind!r} on {subject_type!r}: declare them in acts.py")
