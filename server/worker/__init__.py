"""The process that trains, drives and looks."""
