"""The Gymnasium environments of this package, by name."""


def register_environments() -> None:
    """Make the environments of this package known to Gymnasium, as `import robot_agent.gym` does."""
    import gymnasium

    name = "RobotAgent/Approach-v0"
    if name not in gymnasium.registry:
        gymnasium.register(
            id=name,
            entry_point="robot_agent.envs.single:RobotEnvironment",
            vector_entry_point="robot_agent.envs.fleet:FleetEnvironment",
        )
