//! What a far-away server costs: how many round trips until stanzas flow.

use std::time::{Duration, Instant};

use grend_tests::headless::sign_in;
use grend_tests::{Headless, Kind, Options, Proxy, Server, User};
use serde_json::json;
use tempfile::tempdir;

use crate::Plan;
use crate::probe::{median, ms};
use crate::table::Table;

const ROUND_TRIP: Duration = Duration::from_millis(100);

/// Prosody as it comes, and with what its community adds.
pub fn measure(plan: &Plan, table: &mut Table) {
    let ways = [
        (false, ["first sign-in, classic", "start to online, classic"]),
        (
            true,
            [
                "first sign-in, SASL2 with Bind 2",
                "start to online, SASL2 with Bind 2 and a token",
            ],
        ),
    ];
    for (modern, names) in ways {
        let options = Options {
            modern,
            ..Options::default()
        };
        let server = Server::start(Kind::Prosody, options);
        let user = server.add_user("anna", "secret");
        let way = Proxy::to(server.tls_port());
        let [near, far] = [Duration::ZERO, ROUND_TRIP / 2].map(|wait| {
            way.slow_down(wait);
            times(plan, &server, &user, &way)
        });
        for (name, (near, far)) in names.into_iter().zip(near.into_iter().zip(far)) {
            let trips = (far - near) / ms(ROUND_TRIP);
            table.row(
                &format!("Prosody, {:.0} ms away: {name}", ms(ROUND_TRIP)),
                &format!("{far:.0} ms"),
                &format!("{trips:.1} round trips; beside us {near:.0} ms"),
                "",
            );
        }
    }
}

/// Of the first sign-in, from the request on, and of the next, from the start of the program.
fn times(plan: &Plan, server: &Server, user: &User, way: &Proxy) -> [f64; 2] {
    let mut request = sign_in(server, user);
    request["port"] = way.port().into();
    request["tls"] = "direct".into();
    let (mut firsts, mut agains) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds() {
        let folder = tempdir().unwrap();
        let mut grend = Headless::start(folder.path());
        let started = Instant::now();
        let account = grend.must(request.clone())["account"].clone();
        grend.must(json!({"do": "wait_online", "account": account}));
        firsts.push(ms(started.elapsed()));
        grend.quit();
        let started = Instant::now();
        let mut grend = Headless::start(folder.path());
        grend.must(json!({"do": "wait_online", "account": account}));
        agains.push(ms(started.elapsed()));
        grend.quit();
    }
    [median(&firsts), median(&agains)]
}
