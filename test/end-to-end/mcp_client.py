"""The official Python client against the product: over HTTP (an address) or stdio (a command).

Prints one JSON object: the protocol version, the tools, and what a run and a failed run answered.
"""

import asyncio
import json
import sys

from mcp import Client, StdioServerParameters

REQUEST = {
    "experiment_name": "python_client",
    "source": {"kind": "file", "path": "train.csv", "features": ["f1", "f2", "f3"], "target": "label"},
}


async def talk(server, mode):
    async with Client(server, mode=mode) as client:
        tools = await client.list_tools()
        run = await client.call_tool("mlflow_run_experiment", REQUEST)
        wrong = dict(REQUEST, source=dict(REQUEST["source"], path="missing.csv"))
        failed = await client.call_tool("mlflow_run_experiment", wrong)
        print(
            json.dumps(
                {
                    "tools": [tool.name for tool in tools.tools],
                    "run": run.structured_content,
                    "failed": {"isError": failed.is_error, **failed.structured_content},
                }
            )
        )


def main():
    mode, kind, *rest = sys.argv[1:]
    if kind == "http":
        asyncio.run(talk(rest[0], mode))
    else:
        asyncio.run(talk(StdioServerParameters(command=rest[0], args=rest[1:]), mode))


if __name__ == "__main__":
    main()
