//! The World that cucumber carries from step to step: one scene, seated by the runner.

use std::collections::BTreeMap;

use cucumber::gherkin::Step;
use trace::{Exchange, Finding};
use wire::xml::group::{Group, write};
use world::{Scene, Served};

/// One scenario's scene; the runner's before hook seats it.
#[derive(Debug, Default, cucumber::World)]
pub struct Stage {
    scene: Option<Scene>,
    groups: BTreeMap<String, Group>,
}

impl Stage {
    /// Gives the scenario its scene.
    pub fn seat(&mut self, scene: Scene) {
        self.scene = Some(scene);
    }

    /// Takes the scene back when the scenario is over.
    pub fn clear(&mut self) -> Option<Scene> {
        self.scene.take()
    }

    pub(crate) fn scene(&mut self) -> &mut Scene {
        self.scene
            .as_mut()
            .expect("the runner seats a scene before the first step")
    }

    /// The document of a group of the scenario.
    pub(crate) fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// The scenario has this group, and its XDMS hands the document out.
    pub(crate) fn set_group(&mut self, name: String, group: Group) {
        self.scene()
            .serve_group(&name, Served::Document(write(&group)));
        self.groups.insert(name, group);
    }

    /// Changes the document of a group, when there is one; says what `change` says.
    pub(crate) fn change_group(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut Group) -> bool,
    ) -> bool {
        let Some(mut group) = self.groups.get(name).cloned() else {
            return false;
        };
        let changed = change(&mut group);
        self.set_group(name.to_owned(), group);
        changed
    }

    /// Judges the clause of a Then line.
    pub(crate) async fn judge(
        &mut self,
        clause: &str,
        step: &Step,
        matcher: impl Fn(&Exchange) -> Finding + Send + Sync + 'static,
    ) {
        self.scene()
            .check(clause, step.position.line, &step.value, matcher)
            .await;
    }
}
