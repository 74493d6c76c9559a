//! The program, killed while it starts, asks and writes: the next run decides as if nothing had been. (That the file is whole
//! after two hundred kills of a writer is shown at the store itself, in `memo::crash`.)

use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

const KILLS: u64 = 40;

#[test]
fn a_run_that_is_killed_leaves_what_the_next_one_can_use() {
    let scene = Scene::new();
    let mut seed = 11_u64;
    for _ in 0..KILLS {
        let mut child = Command::new(env!("CARGO_BIN_EXE_vidimus"))
            .args(["eval", "-p", "rego", "--cache-dir", &scene.cache()])
            .args(KEY)
            .args(["web", "rogue", "api", "worker"].map(|name| format!("--image={}", scene.image(name))))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_clear()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros((seed >> 33) % 150_000));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    for _ in 0..2 {
        let (run, _) = scene.eval(&["web", "rogue", "api", "worker"], &[]);
        assert!(run.code == 1 && run.stderr.is_empty(), "{run:?}");
        assert_eq!(run.component(&scene.image("rogue"))["success"], false);
    }
    assert_eq!(scene.states(), ["good"; 3]);
    assert!(!scene.directory.path().join("cache/memo.redb.damaged").exists());
}
