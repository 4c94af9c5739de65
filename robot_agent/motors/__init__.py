"""The motor boards, their pins, and the check of every pulse."""
