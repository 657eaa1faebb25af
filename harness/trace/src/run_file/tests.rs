//! Written runs are read back; damaged ones are refused with their line.

use super::*;
use crate::{Direction, Evidence, Finding, Held, Protocol, Verdict};

fn records() -> Vec<Record> {
    let frame = Frame {
        index: 0,
        at_us: 12,
        direction: Direction::Received,
        chair: "alice".to_owned(),
        protocol: Protocol::Sip,
        transport: "udp".to_owned(),
        local: "127.0.0.1:5070".parse().unwrap(),
        remote: "[::1]:5060".parse().unwrap(),
        bytes: b"SIP/2.0 200 OK\r\n\r\n\xff\x00".to_vec(),
    };
    let scenario = |id, line| Record::Scenario {
        id,
        name: "A group is set up".to_owned(),
        feature: "controlling/ad_hoc_setup.feature".to_owned(),
        line,
        transport: "udp".to_owned(),
        staging: Staging::default(),
    };
    vec![
        Record::Run {
            schema: SCHEMA.to_owned(),
            subject: "reference".to_owned(),
            edition: "000-004".to_owned(),
            change_requests: Some(["000".to_owned(), "004".to_owned()].into()),
            transports: vec!["udp".to_owned()],
            started_ms: 5,
            profiles: Vec::new(),
            selected: None,
            shard: None,
        },
        scenario(2, 8),
        scenario(1, 4),
        Record::Frame {
            scenario_id: 2,
            frame,
        },
        Record::Judgement {
            scenario_id: 2,
            judgement: judgement(),
        },
        Record::End {
            wall_seconds: 0.5,
            interrupted: true,
        },
    ]
}

fn judgement() -> Judgement {
    Judgement {
        clause: "7.2.1.1/server-sends-200/3".to_owned(),
        scenario: "A group is set up".to_owned(),
        feature: "controlling/ad_hoc_setup.feature".to_owned(),
        line: 9,
        transport: "udp".to_owned(),
        verdict: Verdict::NotApplicable,
        finding: Finding {
            held: Held::Yes,
            expected: "x".to_owned(),
            found: "x".to_owned(),
            evidence: vec![Evidence {
                frame: 0,
                octets: (0, 14),
            }],
        },
        reason: String::new(),
    }
}

fn written(records: &[Record]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    for record in records {
        writer.write(record).unwrap();
    }
    writer.into_inner()
}

#[test]
fn a_run_is_read_back_as_written_with_scenarios_in_order() {
    let bytes = written(&records());
    let run = read(bytes.as_slice(), &Bounds::default()).unwrap();
    assert_eq!(
        run.scenarios
            .iter()
            .map(|scenario| scenario.id)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    let Record::Frame { frame, .. } = &records()[3] else {
        panic!()
    };
    assert_eq!(
        run.scenarios[1].exchange.frames,
        std::slice::from_ref(frame)
    );
    assert_eq!(
        run.scenarios[1].judgements[0].verdict,
        Verdict::NotApplicable
    );
    assert_eq!((run.wall_seconds, run.interrupted), (Some(0.5), true));
    let text = String::from_utf8(bytes).unwrap();
    assert!(
        text.lines().all(|line| line.starts_with("{\"kind\":\"")),
        "{text}"
    );
}

#[test]
fn a_cut_run_keeps_its_whole_lines() {
    let mut bytes = written(&records()[..4]);
    bytes.truncate(bytes.len() - 7);
    let run = read(bytes.as_slice(), &Bounds::default()).unwrap();
    assert_eq!((run.scenarios.len(), run.wall_seconds), (2, None));
}

#[test]
fn damage_is_named_with_its_line() {
    let mut bytes = written(&records()[..2]);
    bytes.extend(b"{\"kind\":\"frame\",\"scenario_id\":7}\n");
    let error = read(bytes.as_slice(), &Bounds::default())
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("line 3, column"), "{error}");
    for (source, wanted) in [
        (&b""[..], "line 1, column 1: the file is empty"),
        (
            b"{\"kind\":\"end\",\"wall_seconds\":1.0}\n",
            "line 1, column 1: a run file begins with a run record",
        ),
        (b"x\n", "line 1, column 1: "),
    ] {
        let error = read(source, &Bounds::default()).unwrap_err().to_string();
        assert!(error.starts_with(wanted), "{error}");
    }
}

#[test]
fn frames_of_a_scenario_that_never_began_are_refused() {
    let mut all = records();
    all.remove(1);
    let error = read(written(&all).as_slice(), &Bounds::default())
        .unwrap_err()
        .to_string();
    assert_eq!(error, "line 3, column 1: scenario 2 has not begun");
}

#[test]
fn bounds_end_the_reading() {
    let bytes = written(&records());
    for bounds in [
        Bounds {
            line: 40,
            ..Bounds::default()
        },
        Bounds {
            records: 3,
            ..Bounds::default()
        },
        Bounds {
            total: 200,
            ..Bounds::default()
        },
    ] {
        assert!(
            matches!(read(bytes.as_slice(), &bounds), Err(Error::TooLong { .. })),
            "{bounds:?}"
        );
    }
}
