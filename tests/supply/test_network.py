"""Outages: closed forms for one reactor, and what must hold for any network."""

import math

import numpy as np
import pytest

from hevesy import units as un
from hevesy.app.supply_network import network_of
from hevesy.errors import InputError, ScopeError
from hevesy.nuclides import load_nuclide
from hevesy.supply.network import Link, Network, Response, Site, best_deliveries, outage, usual_flows
from hevesy.tables.dated import dated_rows

LAM = load_nuclide("Mo-99").decay_constant


def chain(*capacities, wanted=1.0):
    reactors = [Site(kind="reactor", name=f"R{i}", capacity=c) for i, c in enumerate(capacities)]
    sites = (*reactors, Site(kind="processor", name="P", capacity=10), Site(kind="maker", name="M", capacity=wanted))
    links = (*(Link(start=r.name, end="P", time=0.0) for r in reactors), Link(start="P", end="M", time=0.0))
    return Network(sites=sites, links=links)


def test_without_any_reactor_the_stock_decays():
    response = Response(lag=0.0, replan=3 * un.d)
    found = outage(chain(2.0), ["R0"], 10 * un.d, response=response)
    assert found.at_end == pytest.approx(math.exp(-LAM * 10 * un.d), rel=1e-9)
    assert found.lowest == pytest.approx(math.exp(-LAM * 16 * un.d), rel=1e-9)  # six days of irradiation more
    assert found.lost == pytest.approx(16)


def test_half_of_the_deliveries_leaves_the_closed_form():
    # two like reactors, one out, the other cannot give more
    found = outage(chain(0.5, 0.5), ["R0"], 10 * un.d, response=Response(lag=0.0, replan=100 * un.d))
    assert found.at_end == pytest.approx(0.5 + 0.5 * math.exp(-LAM * 10 * un.d), rel=1e-6)


def test_spare_capacity_is_used_after_rescheduling():
    found = outage(chain(1.0, 1.0), ["R0"], 30 * un.d, response=Response(lag=0.0, replan=5 * un.d))
    assert found.delivered[0, np.searchsorted(found.time, 6 * un.d)] == pytest.approx(1.0)
    assert found.at_end > 0.97


def test_the_table_makes_a_network_that_meets_its_demand():
    network = network_of(dated_rows("hevesy.supply", "mo99_network"))
    flows = usual_flows(network)
    for maker in network.of("maker"):
        assert math.fsum(f for (_, end), f in flows.items() if end == maker.name) == pytest.approx(maker.capacity)
    for site in network.sites:
        out = math.fsum(f for (start, _), f in flows.items() if start == site.name)
        assert out <= site.capacity * (1 + 1e-9)
        if site.kind == "processor":
            assert out <= math.fsum(f for (_, end), f in flows.items() if end == site.name) * (1 + 1e-9)
    reactors = [site.name for site in network.of("reactor")]
    for k in range(len(reactors)):
        less = sum(best_deliveries(network, frozenset(reactors[: k + 1])).values())
        assert less <= sum(best_deliveries(network, frozenset(reactors[:k])).values()) * (1 + 1e-9)
    assert outage(network, reactors[:2], 14 * un.d).lowest < outage(network, reactors[:1], 14 * un.d).lowest


def test_refusals():
    with pytest.raises(InputError, match="it has R0"):
        outage(chain(2.0), ["R9"], un.d)
    with pytest.raises(ScopeError, match="does not meet"):
        usual_flows(chain(0.5))
    with pytest.raises(InputError, match="links run"):
        Network(sites=chain(1.0).sites, links=(Link(start="R0", end="M", time=0.0),))
