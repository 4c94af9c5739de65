"""What repeats is said a few times a minute, and then counted."""

import logging

from server.service.logs import Repeated


def test_a_sentence_that_repeats_is_written_five_times_a_minute_and_counted():
    now, written = [0.0], []
    only = Repeated(clock=lambda: now[0])

    def log(text, *values):
        record = logging.LogRecord("robot-server", logging.INFO, "", 0, text, values, None)
        if only.filter(record):
            written.append(record.getMessage())

    for number in range(720):
        log("halt (%s)", f"Somebody at 10.0.0.{number}")
    log("the dashboard is open")
    assert len(written) == 6 and written[-1] == "the dashboard is open"
    now[0] += 61
    log("halt (%s)", "Somebody")
    assert written[-1] == "halt (Somebody) (and 715 more like this)"
    for number in range(5000):
        log(f"sentence {number}")
    assert len(only._seen) <= 1000
