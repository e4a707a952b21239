"""The functions of the saga: a card that is charged and refunded, a carrier that takes parcels or does not.

A step may run twice (a crash between its end and the record of it), so each names what it does by the order:
to charge an order again is to find it charged.
"""

busy = set()


class BankBusy(Exception):
    pass


class CardDeclined(Exception):
    pass


class CarrierRefuses(Exception):
    pass


def charge_card(event, context):
    if event.get("card") == "busy-once" and event["order"] not in busy:
        busy.add(event["order"])
        raise BankBusy("try again in a second")
    if event.get("card") == "declined":
        raise CardDeclined(f"the bank declines the card of order {event['order']}")
    return {"payment": f"payment-of-{event['order']}"}


def refund_card(event, context):
    print(f"refunded {event['charge']['payment']}")
    return {"refunded": event["charge"]["payment"]}


def ship(event, context):
    if event["address"].endswith("nowhere"):
        raise CarrierRefuses(f"no carrier goes to {event['address']}")
    return {"parcel": f"parcel-of-{event['order']}"}
