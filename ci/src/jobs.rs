//! The jobs, in the order in which `all` runs them.

mod browser;
mod change;
mod crash;
mod deny;
mod docs;
mod features;
mod format;
mod interop;
mod layers;
mod lint;
mod office;
mod page;
mod pairs;
mod pending;
mod postgresql;
mod program;
mod sabotage;
mod shall;
mod snapshots;
mod stability;
mod test;
mod tidy;

use crate::job::Job;

/// Every job; quick ones first, so that a slip shows early.
pub(crate) const ALL: &[Job] = &[
    Job {
        name: "format",
        about: "rustfmt has nothing to change",
        in_all: true,
        check: format::check,
    },
    Job {
        name: "layers",
        about: "crates import only what the design allows",
        in_all: true,
        check: layers::check,
    },
    Job {
        name: "tidy",
        about: "headers, lengths, forbidden calls, paths of a machine",
        in_all: true,
        check: tidy::check,
    },
    Job {
        name: "pairs",
        about: "clauses, scenarios, steps and mutations fit one another",
        in_all: true,
        check: pairs::check,
    },
    Job {
        name: "deny",
        about: "licences, sources and banned crates",
        in_all: true,
        check: deny::check,
    },
    Job {
        name: "lint",
        about: "clippy without a warning",
        in_all: true,
        check: lint::check,
    },
    Job {
        name: "docs",
        about: "rustdoc without a warning",
        in_all: true,
        check: docs::check,
    },
    Job {
        name: "test",
        about: "unit, table and property tests",
        in_all: true,
        check: test::check,
    },
    Job {
        name: "features",
        about: "the reference conforms, clause by clause",
        in_all: true,
        check: features::check,
    },
    Job {
        name: "pending",
        about: "what a change request adds is named and judged by nobody until its scenario is written",
        in_all: true,
        check: pending::check,
    },
    Job {
        name: "sabotage",
        about: "every judged clause can fail",
        in_all: true,
        check: sabotage::check,
    },
    Job {
        name: "snapshots",
        about: "snapshots are current and referenced; verdicts do not depend on --jobs",
        in_all: true,
        check: snapshots::check,
    },
    Job {
        name: "crash",
        about: "an im-server killed 50 times, or its PostgreSQL, loses no message that it has accepted",
        in_all: true,
        check: crash::check,
    },
    Job {
        name: "interop",
        about: "SIPp, tshark, Kamailio, libxml2 and PostgreSQL agree with us",
        in_all: true,
        check: interop::check,
    },
    Job {
        name: "page",
        about: "report.html in a Chromium: filters, links, octets, keyboard, hostile values",
        in_all: true,
        check: page::check,
    },
    Job {
        name: "change",
        about: "Word files of LibreOffice with tracked changes: what they change, and their page in a Chromium",
        in_all: true,
        check: change::check,
    },
    Job {
        name: "stability",
        about: "--runs N in a row with --jobs 1, 4 and 32 say the same",
        in_all: false,
        check: stability::check,
    },
];
