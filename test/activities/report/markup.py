"""Reads files of a report, named on stdin, as a browser would: prints what they hold, as JSON."""

import json
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree


class Page(HTMLParser):
    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.open, self.balanced = set(), [], [], True

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [[name, value] for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [[name, value] for name, value in attrs]

    def handle_endtag(self, tag):
        self.balanced = self.balanced and bool(self.open) and self.open.pop() == tag


def page(text):
    parser = Page()
    parser.feed(text)
    parser.close()
    return {
        "tags": sorted(parser.tags),
        "attributes": parser.attributes,
        "balanced": parser.balanced and not parser.open,
    }


def picture(text):
    elements = list(ElementTree.fromstring(text).iter())
    return {
        "tags": sorted({element.tag.split("}")[-1] for element in elements}),
        "attributes": [[name, value] for e in elements for name, value in e.attrib.items()],
        "texts": [element.text for element in elements if element.tag.endswith("text")],
    }


for line in sys.stdin:
    path = json.loads(line)
    with open(path, encoding="utf-8") as file:
        content = file.read()
    print(json.dumps(page(content) if path.endswith(".html") else picture(content)))
