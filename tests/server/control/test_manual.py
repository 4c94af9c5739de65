"""Who holds the wheels, and which commands count."""

from server.control.clients import Client
from server.control.manual import Holder


def test_a_command_is_good_once_and_one_person_holds_the_wheels():
    holder, one, other = Holder(), Client(control=True), Client(control=True)
    assert holder.take(one, 5) == ""
    assert "old" in holder.take(one, 5) and "old" in holder.take(one, 4)
    assert "Somebody else" in holder.take(other, 9)
    assert holder.drop(one) and not holder.drop(other)
    assert holder.take(other, 9) == ""
