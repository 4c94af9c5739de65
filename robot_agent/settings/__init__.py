"""Every setting with its default and a sentence, the presets, and robot.toml."""
