"""Offsets of a group while its coordinator starts: they are waited for, and never taken for none."""

from collections.abc import Sequence
from typing import cast

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, GroupCoordinatorNotAvailableError, GroupLoadInProgressError
from aiokafka.protocol.commit import OffsetFetchResponse_v3

from topics.errors import Unavailable
from topics.kafka import Admin

LOADING = OffsetFetchResponse_v3(0, [], GroupLoadInProgressError.errno)
FOUND = OffsetFetchResponse_v3(0, [("in", [(0, 7, "", 0), (1, -1, "", 0)])], 0)


class Client:
    """Answers as a broker does; an exception is raised while the coordinator is looked for."""

    def __init__(self, answers: Sequence[OffsetFetchResponse_v3 | Exception]) -> None:
        self.answers = list(answers)

    async def find_coordinator(self, group: str) -> int:
        if isinstance(self.answers[0], Exception):
            raise cast(Exception, self.answers.pop(0))
        return 1

    async def _send_request(self, request: object, node: int) -> OffsetFetchResponse_v3 | Exception:
        return self.answers.pop(0)


async def test_a_coordinator_that_still_reads_is_waited_for() -> None:
    client = Client([GroupCoordinatorNotAvailableError(), LOADING, LOADING, FOUND])
    assert await Admin(cast(AIOKafkaAdminClient, client), 60).group_offsets("g") == {("in", 0): 7}
    assert client.answers == []


async def test_who_may_not_ask_is_told_at_once() -> None:
    refused = OffsetFetchResponse_v3(0, [], GroupAuthorizationFailedError.errno)
    with pytest.raises(Unavailable, match="GroupAuthorizationFailedError"):
        await Admin(cast(AIOKafkaAdminClient, Client([refused])), 60).group_offsets("g")


async def test_an_error_of_one_partition_is_no_offset() -> None:
    wrong = OffsetFetchResponse_v3(0, [("in", [(0, -1, "", 0), (1, -1, "", GroupLoadInProgressError.errno)])], 0)
    client = Client([wrong, FOUND])
    assert await Admin(cast(AIOKafkaAdminClient, client), 60).group_offsets("g") == {("in", 0): 7}
