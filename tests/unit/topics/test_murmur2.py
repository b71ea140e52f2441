"""Keys must fall where every other Kafka client puts them."""

from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from topics.kafka import partition_for
from topics.murmur2 import murmur2


@given(st.binary(max_size=300))
def test_murmur2_is_the_clients_for_any_key(key: bytes) -> None:
    assert murmur2(key) == reference(key) & 0xFFFFFFFF


@given(st.binary(max_size=60), st.integers(1, 64))
def test_partition_is_the_clients_for_any_key(key: bytes, partitions: int) -> None:
    assert partition_for(key, partitions) == (reference(key) & 0x7FFFFFFF) % partitions
