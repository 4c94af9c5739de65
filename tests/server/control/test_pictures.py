"""The pictures of the last episodes are kept, and no others."""

from server.control.pictures import EPISODES_KEPT, Pictures


def test_the_pictures_of_the_last_episodes_are_kept():
    pictures = Pictures()
    for episode in range(EPISODES_KEPT + 5):
        for number in range(3):
            pictures.add(b"%d" % number, 1, (episode, number))
    assert pictures.of(1, EPISODES_KEPT + 4) == {0: b"0", 1: b"1", 2: b"2"} and pictures.of(1, 4) == {}
