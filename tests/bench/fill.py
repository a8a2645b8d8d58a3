"""Fills the only chat of a closed database with messages, a few minutes apart: fill.py DATABASE COUNT."""

import sqlite3
import sys

SAID = [
    "Ja!", "Hentet i barnehagen, vi er hjemme om ti minutter", "👍", "Mormor spør om vi kommer på søndag",
    "Kan du kjøpe melk, brød og noe til middag på vei hjem? Jeg rekker det ikke før møtet i kveld.",
    "Did you see the pictures from the garden? The roses have come back after the winter, and the old apple tree too.",
]
BEGIN = 1_500_000_000_000

base = sqlite3.connect(sys.argv[1])
(chat, address, me), = base.execute(
    "SELECT chat.id, chat.address, account.address FROM chat JOIN account ON account.id = chat.account_id")


def row(number):
    mine, at = number % 3 == 0, BEGIN + number * 120_000
    return (chat, mine, me if mine else address, f"w{number}", f"{SAID[number % 6]} ({number})", at, at * 1000,
            "displayed" if mine else "received")


base.executemany(
    "INSERT INTO message (chat_id, mine, sender, wire_id, body, sent_at, position, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    map(row, range(int(sys.argv[2]))))
base.commit()
