# SPDX-License-Identifier: Apache-2.0
"""What customers of a garage might write, put together from pieces: enough different texts in English
and Chinese for triage to learn from. All of it is made up."""

import csv
import itertools

OPENINGS = ["Hello,", "Second time now:", "你好，", "请尽快处理，", "Since Monday", "昨天开始", "As I said before,"]
ENDINGS = ["please call me", "thank you", "麻烦回电", "我很着急", "I need the car tomorrow", "等你们的消息"]
SAID = {
    "brakes": ["the brakes squeal", "my brake pedal feels soft", "there is a grinding noise when braking",
               "刹车有异响", "刹车片磨损得厉害", "踩刹车的时候车身抖动"],
    "engine": ["the engine stalls at every light", "the engine light came on again", "it idles roughly when cold",
               "发动机故障灯亮了", "发动机抖动没有力", "早上启动困难"],
    "invoice": ["the invoice is wrong", "I was charged twice for the oil", "the bill is far too high",
                "你们多收费了", "发票开错了抬头", "价格比报价贵很多"],
}
PRAISE = ["what a friendly team", "great work, quick and clean", "the best garage in town",
          "服务态度非常好", "师傅手艺很好，又快又干净", "非常满意，下次还来"]


def sentences(pieces, count, start=0):
    """So many different texts about these pieces, always the same ones."""
    frames = itertools.product(OPENINGS, ENDINGS)
    every = [f"{opening} {piece}, {ending}" for (opening, ending), piece in itertools.product(frames, pieces)]
    step = 37  # has nothing in common with their number: neighbours differ in all three parts
    return [every[(start + i) * step % len(every)] for i in range(count)]


def cases(count, start=0):
    """[(text, category)]: count of each."""
    return [(text, category) for category, pieces in SAID.items() for text in sentences(pieces, count, start)]


def write_csv(path, rows, columns=("text", "category")):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)
    return path
