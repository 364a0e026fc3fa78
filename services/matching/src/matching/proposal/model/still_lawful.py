"""The last check when all parties have agreed, on the facts of that moment: consent and the law."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from common.decision import Outcome, Reason, Verdict
from matching.ranking.model.criteria import Criteria
from matching.ranking.model.law import Law
from matching.ranking.model.screening import HardRule

if TYPE_CHECKING:
    from datetime import date

    from common.policy import Policies
    from events.words import Form
    from matching.profile.model.profile import Profile
    from matching.vacancy.model.opening import Opening


def still_lawful(opening: Opening, profile: Profile, form: Form, policies: Policies, day: date) -> Verdict:
    """Judge the person for the form that was agreed; what the parties themselves accepted is not judged again.

    Raises:
        Missing: a policy row is not known here yet.
    """
    criteria = Criteria.of(policies, day, max(opening.starts_on, day))
    consent = Reason(
        rule=HardRule.CONSENT.code,
        outcome=Outcome.PASS if profile.consented else Outcome.BLOCK,
        measured=profile.consented,
        limit=True,
    )
    screened = Verdict(policy_version=criteria.policy_version, reasons=(consent,))
    agreed = Law(replace(opening, forms=(form,)), criteria, policies, day)
    return Verdict.all_of((screened, *agreed.verdicts(replace(profile, forms=())).values()))
