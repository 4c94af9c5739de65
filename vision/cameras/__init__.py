"""Where pictures come from: files, USB cameras, network streams, the Raspberry Pi camera."""
