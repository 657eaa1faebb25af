//! What rests on what, as columns of nodes: a column that is too long shows groups, and of many groups the first.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::render::{key, word};
use crate::change::{Analysis, Touched};

/// Most nodes of a column.
const MOST: usize = 24;

/// Columns from left to right, and edges between neighbours.
pub(super) struct Graph {
    pub(super) columns: Vec<Column>,
    /// Column of the left end, its node, and the node of the next column.
    pub(super) edges: BTreeSet<(usize, usize, usize)>,
}

pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) nodes: Vec<Node>,
}

/// A thing, or several where there are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) label: String,
    /// The whole of what the label may shorten.
    pub(super) title: String,
    /// Where more is said, within the page.
    pub(super) href: Option<String>,
    /// Word of a closed list that gives the colour.
    pub(super) class: &'static str,
}

/// A thing before it is grouped.
struct Thing {
    /// Equal for the same thing.
    key: String,
    group: String,
    node: Node,
}

/// Things with the clauses that they belong to, by number.
#[derive(Default)]
struct Things {
    all: Vec<Thing>,
    edges: Vec<(usize, usize)>,
}

impl Things {
    fn add(&mut self, clause: usize, thing: Thing) -> usize {
        let known = self.all.iter().position(|known| known.key == thing.key);
        let place = known.unwrap_or_else(|| {
            self.all.push(thing);
            self.all.len() - 1
        });
        self.edges.push((clause, place));
        place
    }

    /// The mean clause of each thing brings ends of edges near to each other.
    fn middle(&self, thing: usize) -> usize {
        let mine = self.edges.iter().filter(|(_, end)| *end == thing);
        let (sum, count) = mine.fold((0, 0), |(sum, count), (clause, _)| {
            (sum + clause, count + 1)
        });
        sum * 1000 / std::cmp::max(count, 1)
    }

    /// Nodes in their order, and which node each thing became.
    fn folded(&self) -> (Vec<Node>, Vec<usize>) {
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        order.sort_by_key(|thing| self.middle(*thing));
        let grouped = order.len() > MOST;
        let mut nodes: Vec<(Node, usize)> = Vec::new();
        let mut by_group: BTreeMap<&str, usize> = BTreeMap::new();
        let mut became = vec![0; order.len()];
        for index in order {
            let thing = &self.all[index];
            let name = if grouped { &thing.group } else { &thing.key };
            let place = *by_group.entry(name).or_insert_with(|| {
                nodes.push((thing.node.clone(), 0));
                nodes.len() - 1
            });
            nodes[place].1 += 1;
            if nodes[place].1 == 2 {
                nodes[place].0.title.clone_from(&thing.group);
            }
            became[index] = place;
        }
        let mut nodes: Vec<Node> = nodes
            .into_iter()
            .map(|(node, count)| several(node, count))
            .collect();
        elide(&mut nodes, &mut became);
        (nodes, became)
    }
}

/// A node that stands for more than one thing; its title is that of the group.
fn several(node: Node, count: usize) -> Node {
    match count {
        1 => node,
        _ => Node {
            label: format!(
                "{} ({count})",
                last_two(node.title.trim_end_matches(".feature"))
            ),
            title: format!("{count} of {}", node.title),
            ..node
        },
    }
}

fn elide(nodes: &mut Vec<Node>, became: &mut [usize]) {
    if nodes.len() <= MOST {
        return;
    }
    let left = nodes.len() - (MOST - 1);
    nodes.truncate(MOST - 1);
    nodes.push(Node {
        label: format!("… and {left} more"),
        title: format!("{left} more, in the list below"),
        href: None,
        class: "rest",
    });
    for place in became {
        *place = (*place).min(MOST - 1);
    }
}

impl Graph {
    pub(super) fn of(analysis: &Analysis) -> Self {
        let (mut clauses, mut makers, mut scenarios, mut flips) = (
            Things::default(),
            Things::default(),
            Things::default(),
            Things::default(),
        );
        let mut judged = Vec::new();
        for (number, one) in analysis.impact.clauses.iter().enumerate() {
            clauses.add(number, clause(analysis, one));
            for place in &one.sources {
                makers.add(number, source(place));
            }
            for name in &one.sabotages {
                makers.add(number, sabotage(one, name));
            }
            let mine: Vec<usize> = one
                .scenarios
                .iter()
                .map(|place| scenarios.add(number, scenario(place)))
                .collect();
            let verdicts = analysis.impact.verdicts.iter().enumerate();
            for (index, flip) in verdicts.filter(|(_, flip)| flip.clause == one.clause) {
                let verdict = flips.add(number, verdict(index, flip));
                judged.extend(mine.iter().map(|scenario| (*scenario, verdict)));
            }
        }
        let turned =
            |edges: &[(usize, usize)]| edges.iter().map(|(clause, end)| (*end, *clause)).collect();
        let between = [turned(&makers.edges), scenarios.edges.clone(), judged];
        Self::columns(
            [
                ("Sources and sabotages", makers),
                ("Clauses", clauses),
                ("Scenarios", scenarios),
                ("Verdicts that may flip", flips),
            ],
            between,
        )
    }

    /// Leaves out columns without a node at either end.
    fn columns(things: [(&'static str, Things); 4], between: [Vec<(usize, usize)>; 3]) -> Self {
        let folded: Vec<(&'static str, Vec<Node>, Vec<usize>)> = things
            .into_iter()
            .map(|(name, things)| {
                let (nodes, became) = things.folded();
                (name, nodes, became)
            })
            .collect();
        let first = usize::from(folded[0].1.is_empty());
        let mut edges = BTreeSet::new();
        for (column, pairs) in between.iter().enumerate().skip(first) {
            let (left, right) = (&folded[column].2, &folded[column + 1].2);
            edges.extend(
                pairs
                    .iter()
                    .map(|(one, other)| (column - first, left[*one], right[*other])),
            );
        }
        let columns = folded
            .into_iter()
            .skip(first)
            .take_while(|(_, nodes, _)| !nodes.is_empty());
        let columns = columns
            .map(|(name, nodes, _)| Column { name, nodes })
            .collect();
        Self { columns, edges }
    }
}

fn clause(analysis: &Analysis, one: &Touched) -> Thing {
    let place = analysis
        .alignment
        .iter()
        .position(|a| a.clause.as_ref() == Some(&one.clause));
    Thing {
        key: one.clause.clone(),
        group: one.clause.split('/').next().unwrap_or_default().to_owned(),
        node: Node {
            label: one.clause.clone(),
            title: format!("{}, {}", one.clause, word(one.effect)),
            href: place.map(|place| format!("#change-{place}")),
            class: key(one.effect),
        },
    }
}

/// A file; its lines are in the list.
fn source(place: &str) -> Thing {
    let file = place.rsplit_once(':').map_or(place, |(file, _)| file);
    let folder = file.rsplit_once('/').map_or(file, |(folder, _)| folder);
    plain(
        file.to_owned(),
        folder.to_owned(),
        last_two(file).to_owned(),
        "source",
    )
}

fn sabotage(one: &Touched, name: &str) -> Thing {
    let subclause = one.clause.split('/').next().unwrap_or_default();
    plain(
        format!("sabotage {name}"),
        format!("sabotages of {subclause}"),
        name.to_owned(),
        "sabotage",
    )
}

/// `file:line name`; several steps of one scenario are one node.
fn scenario(place: &str) -> Thing {
    let (at, name) = place.split_once(' ').unwrap_or((place, ""));
    let file = at.rsplit_once(':').map_or(at, |(file, _)| file);
    let label = if name.is_empty() {
        last_two(file).to_owned()
    } else {
        name.to_owned()
    };
    plain(
        format!("{file}: {label}"),
        file.to_owned(),
        label,
        "scenario",
    )
}

fn verdict(index: usize, flip: &crate::change::MayFlip) -> Thing {
    let word = flip.verdict.word();
    Thing {
        key: format!("{index}"),
        group: format!("{word} in {}", last(&flip.run)),
        node: Node {
            label: format!("{word} in {}: {}", last(&flip.run), last_two(&flip.clause)),
            title: format!(
                "{} {word} of {} in {}: {}",
                flip.clause, flip.subject, flip.run, flip.why
            ),
            href: Some(format!("#flip-{index}")),
            class: word,
        },
    }
}

fn plain(key: String, group: String, label: String, class: &'static str) -> Thing {
    let node = Node {
        label,
        title: key.clone(),
        href: None,
        class,
    };
    Thing { key, group, node }
}

/// The last two names of a path.
fn last_two(path: &str) -> &str {
    let second = path.rmatch_indices('/').nth(1);
    second.map_or(path, |(at, _)| &path[at + 1..])
}

/// The folder of a run.
fn last(run: &str) -> &str {
    let folder = run.strip_suffix("/run.jsonl").unwrap_or(run);
    folder.rsplit('/').next().unwrap_or(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(count: usize, groups: usize) -> (Vec<Node>, Vec<usize>) {
        let mut things = Things::default();
        for number in 0..count {
            let group = format!("a/group {}", number % groups);
            things.add(
                number,
                plain(format!("{number}"), group, format!("{number}"), "source"),
            );
        }
        things.folded()
    }

    #[test]
    fn a_short_column_shows_each_thing_once() {
        let (nodes, became) = folded(MOST, 5);
        assert_eq!((nodes.len(), became.len()), (MOST, MOST));
        assert!(
            nodes
                .iter()
                .all(|node| node.href.is_none() && !node.label.contains('('))
        );
    }

    #[test]
    fn a_long_column_shows_groups_with_their_counts() {
        let (nodes, became) = folded(60, 6);
        assert_eq!(nodes[0].label, "a/group 0 (10)");
        assert_eq!((nodes.len(), became[0], became[6]), (6, 0, 0));
    }

    #[test]
    fn of_many_groups_the_last_box_counts_the_others() {
        let (nodes, became) = folded(200, 100);
        assert_eq!(nodes.len(), MOST);
        assert_eq!(
            nodes[MOST - 1].label,
            format!("… and {} more", 100 - (MOST - 1))
        );
        assert_eq!(became.iter().max(), Some(&(MOST - 1)));
    }
}
