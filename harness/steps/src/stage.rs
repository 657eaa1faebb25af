//! The World that cucumber carries from step to step: one scene, seated by the runner.

use cucumber::gherkin::Step;
use trace::{Exchange, Finding};
use world::Scene;

/// One scenario's scene; the runner's before hook seats it.
#[derive(Debug, Default, cucumber::World)]
pub struct Stage {
    scene: Option<Scene>,
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
