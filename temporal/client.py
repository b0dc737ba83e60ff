"""The client: sealed payloads, typed by pydantic; connects when first used, so that everything starts without it."""

from dataclasses import replace

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes

from settings import Settings
from temporal.codec import SealingCodec

SEARCH_ATTRIBUTES = ("Stage", "Tier", "Area")


def data_converter(settings: Settings) -> DataConverter:
    codec = SealingCodec({settings.payload_key_id: settings.payload_key}, settings.payload_key_id)
    return replace(
        pydantic_data_converter,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """`lazy`: connect at the first call. Otherwise raises RuntimeError when the server cannot be reached."""
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=data_converter(settings),
        lazy=lazy,
    )


async def ensure_search_attributes(client: Client) -> None:
    """Add the search attributes to an existing namespace: the server's own flags do nothing there."""
    operator = client.operator_service
    known = await operator.list_search_attributes(ListSearchAttributesRequest(namespace=client.namespace))
    missing = [name for name in SEARCH_ATTRIBUTES if name not in known.custom_attributes]
    if missing:
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        await operator.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=dict.fromkeys(missing, keyword))
        )
