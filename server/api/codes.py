"""With which codes WebSockets are closed here, and from how many messages on."""

NOT_PAIRED = 4401
"""Code of a WebSocket that is closed because its key was revoked."""

TRY_LATER = 1013
"""Code of a WebSocket that is closed because there are too many."""

NOT_JSON = 1003
"""Code of a WebSocket that is closed because it sent something else than JSON."""

MAX_PER_SECOND = 60
"""A page sends ten messages per second; a client that sends more than this is cut off."""
