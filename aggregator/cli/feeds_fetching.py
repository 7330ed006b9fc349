"""One request for a feed, or for the page that names it, as the commands make it that look at feeds without a database."""

from aggregator.domain.fetching import Failed, Purpose, Request, Response
from aggregator.pipeline.ports import Fetcher


async def fetched(fetcher: Fetcher, url: str, user_agent: str | None) -> Response | str:
    """Return the answer, or why there is none."""
    response = await fetcher.fetch(Request(url=url, purpose=Purpose.FEED, user_agent=user_agent))
    if isinstance(response, Response):
        return response
    return response.why if isinstance(response, Failed) else "the server says that nothing changed"
