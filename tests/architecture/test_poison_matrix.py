"""Every loop that all share and everything that one bad item can do: which test sees the others go on.

A cell names its test (under ``tests/``) or says why it cannot happen. An empty one fails.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
POISONS: Final = ("raises", "hangs", "holds", "kills", "nonsense", "grows")
"""``holds``: it never gives the event loop back, so that no timeout fires."""
COMMON: Final = "integration/common"
QUEUES: Final = "integration/notifications/test_poisoned_queues.py"
LOOPS: Final = f"{COMMON}/test_poisoned_loops.py"
CANNOT: Final = "cannot: "
WATCHED: Final = (
    "unit/common/test_watchdog.py::test_a_call_that_holds_the_loop_is_named_by_its_place_and_never_by_a_value"
)
"""Nothing of it is counted: its process ends, and begins again."""
HELD: Final = (
    f"{COMMON}/test_poisoned_events.py::"
    "test_a_handler_that_never_gives_the_event_loop_back_is_parked_and_all_others_are_handled"
)

MATRIX: Final[dict[str, dict[str, str]]] = {
    "consumer": {
        "raises": f"{LOOPS}::test_any_exception_of_a_handler_fails_its_event_alone",
        "hangs": f"{LOOPS}::test_a_handler_that_hangs_is_cut_off_and_the_others_are_handled",
        "holds": HELD,
        "kills": f"{COMMON}/test_poisoned_events.py::"
        "test_an_event_that_kills_its_process_is_parked_and_all_others_are_handled",
        "nonsense": f"{COMMON}/test_parking.py::test_an_unreadable_record_is_parked_at_once_with_its_reason",
        "grows": f"{COMMON}/test_poisoned_events.py::test_a_payload_that_is_absurdly_large_is_parked_unread",
    },
    "reading the log": {
        "raises": f"{CANNOT}a record runs no code before it is decoded, which is the consumer's row",
        "hangs": "conformance/test_failure.py::"
        "test_while_the_wire_is_cut_everything_says_so_and_afterwards_everything_goes_on",
        "holds": f"{CANNOT}a record runs no code before it is decoded, and its size is bounded",
        "kills": f"{COMMON}/test_poisoned_events.py::test_neighbours_of_a_killer_are_counted_once_and_never_parked",
        "nonsense": "conformance/test_kafka_mechanisms.py::"
        "test_a_header_name_that_is_no_text_stops_nobody_and_loses_nothing",
        "grows": "conformance/test_refused_rows.py::test_refused_messages_are_reported_by_index",
    },
    "parking": {
        "raises": f"{COMMON}/test_redrive.py::test_a_key_that_loses_its_race_does_not_hold_up_the_others",
        "hangs": f"{LOOPS}::test_a_parked_key_that_hangs_does_not_hold_up_the_others_that_are_tried_again",
        "holds": HELD,
        "kills": f"{COMMON}/test_poisoned_events.py::"
        "test_an_event_that_kills_its_process_is_parked_and_all_others_are_handled",
        "nonsense": f"{COMMON}/test_parking.py::test_a_payload_that_is_all_wrong_has_a_reason_of_bounded_length",
        "grows": f"{COMMON}/test_missing_facts.py::test_many_that_wait_for_ever_do_not_starve_the_others",
    },
    "deadlines": {
        "raises": f"{COMMON}/test_poisoned_deadlines.py::test_any_exception_of_a_deadline_fails_that_deadline_alone",
        "hangs": f"{COMMON}/test_poisoned_deadlines.py::"
        "test_a_deadline_that_hangs_is_cut_off_and_the_others_do_not_wait_for_it",
        "holds": f"{COMMON}/test_poisoned_deadlines.py::"
        "test_a_deadline_that_holds_the_event_loop_ends_its_process_and_is_parked",
        "kills": f"{COMMON}/test_poisoned_deadlines.py::"
        "test_a_deadline_that_kills_its_process_is_parked_and_fifty_others_are_done",
        "nonsense": f"{CANNOT}it has a name and an id, and a name that this version does not know is not claimed",
        "grows": f"{COMMON}/test_poisoned_deadlines.py::"
        "test_a_claim_reads_as_much_however_many_wait_for_their_time_or_their_next_try",
    },
    "relay": {
        "raises": f"{LOOPS}::test_a_row_at_which_the_logs_client_raises_is_found_and_set_apart",
        "hangs": f"{LOOPS}::test_a_client_of_the_log_that_hangs_is_given_up_and_nothing_is_lost",
        "holds": f"{CANNOT}a row runs no code: its bytes are handed on",
        "kills": f"{CANNOT}a row runs no code: its bytes are handed on; another relay follows one that died",
        "nonsense": "conformance/test_refused_rows.py::test_a_row_that_cannot_be_written_down_is_set_apart",
        "grows": "conformance/test_refused_rows.py::test_a_row_that_is_too_large_is_set_apart_and_all_others_go_on",
    },
    "letters": {
        "raises": f"{QUEUES}::test_one_letter_that_cannot_be_sent_stops_no_other",
        "hangs": f"{QUEUES}::test_two_workers_and_a_slow_server_send_no_letter_twice",
        "holds": "unit/common/test_watchdog.py::test_a_loop_in_a_thread_of_its_own_is_watched_as_well",
        "kills": f"{QUEUES}::test_a_letter_that_ends_its_workers_is_parked_shown_and_tried_again_by_order",
        "nonsense": f"{QUEUES}::test_a_mail_server_that_answers_nonsense_costs_no_letter_and_no_memory",
        "grows": f"{QUEUES}::test_a_mail_server_that_answers_nonsense_costs_no_letter_and_no_memory",
    },
    "webhook deliveries": {
        "raises": f"{QUEUES}::test_any_exception_of_a_delivery_fails_that_delivery_alone",
        "hangs": "integration/notifications/endpoint/test_endpoint_gates.py::"
        "test_receivers_that_hang_leave_room_for_those_that_answer",
        "holds": WATCHED,
        "kills": f"{QUEUES}::test_a_delivery_that_ended_its_workers_is_kept_and_the_next_of_its_subject_follows",
        "nonsense": f"{QUEUES}::test_a_receiver_that_answers_nonsense_stops_no_other_and_its_reason_is_seen",
        "grows": f"{QUEUES}::test_a_receiver_that_answers_nonsense_stops_no_other_and_its_reason_is_seen",
    },
    "questions to webhook addresses": {
        "raises": f"{QUEUES}::test_a_question_that_raises_or_hangs_fails_alone",
        "hangs": f"{QUEUES}::test_a_question_that_raises_or_hangs_fails_alone",
        "holds": WATCHED,
        "kills": f"{QUEUES}::test_a_question_that_ended_its_workers_is_asked_no_more_until_its_partner_says_so",
        "nonsense": f"{QUEUES}::test_an_address_that_answers_its_question_with_nonsense_stops_no_other",
        "grows": f"{QUEUES}::test_an_address_that_answers_its_question_with_nonsense_stops_no_other",
    },
    "deliveries from the feed": {
        "raises": f"{CANNOT}it compares ids and names that the feed has taken, and runs no code of a row",
        "hangs": f"{LOOPS}::test_a_loop_that_stands_still_is_named_with_its_present_row",
        "holds": f"{CANNOT}it compares ids and names of a bounded batch, and runs no code of a row",
        "kills": f"{CANNOT}it compares ids and names that the feed has taken, and runs no code of a row",
        "nonsense": f"{CANNOT}the feed has read the event before",
        "grows": "integration/notifications/endpoint/test_deliveries_follow_feed.py::"
        "test_new_events_are_enqueued_once_a_batch_at_a_time",
    },
    "retention": {
        "raises": f"{COMMON}/test_poisoned_retention.py::"
        "test_a_function_that_goes_wrong_is_counted_and_goes_no_further",
        "hangs": f"{COMMON}/test_poisoned_retention.py::test_a_function_that_goes_wrong_is_counted_and_goes_no_further",
        "holds": f"{CANNOT}it runs statements of ours over whole tables, and no code of a row",
        "kills": f"{CANNOT}it runs statements of ours over whole tables, and no code of a row",
        "nonsense": f"{COMMON}/test_poisoned_retention.py::"
        "test_a_function_that_goes_wrong_is_counted_and_goes_no_further",
        "grows": f"{COMMON}/test_poisoned_retention.py::test_a_function_that_goes_wrong_is_counted_and_goes_no_further",
    },
    "import": {
        "raises": "integration/registry/file_import/test_poisoned_imports.py::"
        "test_an_exception_while_reading_a_file_fails_that_request_alone",
        "hangs": "integration/registry/file_import/test_poisoned_imports.py::"
        "test_a_file_that_ends_hangs_or_bursts_its_reader_is_refused",
        "holds": "integration/registry/file_import/test_poisoned_imports.py::"
        "test_a_file_that_ends_hangs_or_bursts_its_reader_is_refused",
        "kills": "integration/registry/file_import/test_poisoned_imports.py::"
        "test_a_file_that_ends_hangs_or_bursts_its_reader_is_refused",
        "nonsense": "integration/registry/file_import/test_registry_imports.py::"
        "test_a_file_that_is_no_list_is_refused_whole",
        "grows": "integration/registry/file_import/test_registry_imports.py::"
        "test_a_file_full_of_problems_gets_a_short_answer",
    },
    "supervision": {
        "raises": f"{LOOPS}::test_a_loop_that_ends_in_any_way_begins_anew_and_the_others_go_on",
        "hangs": f"{LOOPS}::test_a_loop_that_stands_still_is_named_with_its_present_row",
        "holds": WATCHED,
        "kills": f"{LOOPS}::test_a_loop_that_ends_in_any_way_begins_anew_and_the_others_go_on",
        "nonsense": f"{LOOPS}::test_a_loop_that_ends_in_any_way_begins_anew_and_the_others_go_on",
        "grows": f"{CANNOT}there are as many loops as the code names, and each waits before it begins anew",
    },
    "policies": {
        "raises": f"{LOOPS}::test_any_exception_of_a_handler_fails_its_event_alone",
        "hangs": f"{LOOPS}::test_a_handler_that_hangs_is_cut_off_and_the_others_are_handled",
        "holds": HELD,
        "kills": f"{COMMON}/test_poisoned_events.py::"
        "test_an_event_that_kills_its_process_is_parked_and_all_others_are_handled",
        "nonsense": f"{LOOPS}::test_a_policy_that_is_nonsense_stops_no_other_policy",
        "grows": f"{COMMON}/test_poisoned_events.py::test_a_payload_that_is_absurdly_large_is_parked_unread",
    },
    "changes in the console": {
        "raises": "integration/operations/test_console_guarded.py::"
        "test_a_look_that_goes_wrong_ends_its_own_stream_only",
        "hangs": "integration/operations/test_console_guarded.py::test_a_look_that_goes_wrong_ends_its_own_stream_only",
        "holds": WATCHED,
        "kills": f"{CANNOT}it reads one id, and runs no code of a row",
        "nonsense": "integration/operations/test_cases_side_by_side.py::"
        "test_a_step_that_this_version_does_not_know_yet_is_shown_as_unknown",
        "grows": "integration/operations/test_console_guarded.py::test_so_many_pages_follow_changes_and_no_more",
    },
}


def _tests_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("poison", POISONS)
@pytest.mark.parametrize("loop", MATRIX)
def test_a_cell_names_a_test_or_says_why_it_cannot_happen(loop: str, poison: str) -> None:
    cell = MATRIX[loop].get(poison, "")
    assert cell, f"nobody has tried what happens where an item {poison} in {loop}"
    if cell.startswith(CANNOT):
        return
    path, _, name = cell.partition("::")
    assert (TESTS / path).is_file(), f"{path} is gone"
    assert name in _tests_in(TESTS / path), f"{path} has no {name} any more"
