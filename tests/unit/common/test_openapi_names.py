"""A schema is called after what it is, and two are never shown as one."""

from __future__ import annotations

import pytest

from common.web.openapi.tidy import with_plain_names


@pytest.mark.parametrize(
    ("pydantic", "plain"),
    [
        ("registry__trainer__model__trainer__Status", "TrainerStatus"),
        ("registry__organisation__model__Status", "OrganisationStatus"),
        ("registry__bottleneck_report__model__Status", "BottleneckReportStatus"),
        ("contracts__contract__views__Slot", "ContractSlot"),
        ("Page_NoteView_", "NoteViewPage"),
        ("NoteView", "NoteView"),
    ],
)
def test_a_schema_is_called_after_its_aggregate_whatever_file_it_is_in(pydantic: str, plain: str) -> None:
    named = with_plain_names({"schemas": {pydantic: {}}, "$ref": f"#/components/schemas/{pydantic}"})
    assert named == {"schemas": {plain: {}}, "$ref": f"#/components/schemas/{plain}"}


def test_two_schemas_of_one_name_are_refused() -> None:
    """Seen red: the states of an organisation were shown for those of a bottleneck report."""
    with pytest.raises(TypeError, match="two schemas have one name"):
        with_plain_names({"a__note__model__Status": {}, "b__note__model__Status": {}})
