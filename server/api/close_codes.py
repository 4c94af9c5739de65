"""The codes with which the server closes WebSockets, and the most messages per second that it accepts."""

NOT_PAIRED = 4401
"""Code of a WebSocket that is closed because its client has not paired, or its key was revoked."""

TRY_LATER = 1013
"""Code of a WebSocket that is closed because there are too many clients."""

NOT_JSON = 1003
"""Code of a WebSocket that is closed because it has sent something that cannot be read."""

MAX_PER_SECOND = 60
"""A client that sends more messages per second is disconnected; a page sends about ten."""
