//! `opa` as a server, for those who have it: `VIDIMUS_OPA`, else `opa` on the path.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A running server; it ends with this.
#[derive(Debug)]
pub(crate) struct Opa {
    child: Child,
    address: String,
    stream: BufReader<TcpStream>,
}

impl Opa {
    /// Starts a server on a free port of the loopback; says so aloud where there is no `opa`.
    #[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a tool for developers: told by the environment where `opa` is")]
    pub(crate) fn start() -> Option<Self> {
        let program = std::env::var("VIDIMUS_OPA").unwrap_or_else(|_| "opa".to_owned());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new(&program);
        command.args(["run", "--server", "--disable-telemetry", "--log-level", "error", "--addr", &address]);
        let Ok(child) = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
            eprintln!("SKIPPED: there is no `{program}` to compare with");
            return None;
        };
        let stream = connect(&address);
        Some(Self { child, address, stream })
    }

    /// What OPA answers to a program: the value of `data` for each input, or why it has none.
    pub(crate) fn answers(&mut self, modules: &[String], inputs: &[&str]) -> Vec<Result<Value, String>> {
        let mut refusal = None;
        let mut put = 0;
        for module in modules {
            let (status, body) = self.request("PUT", &format!("/v1/policies/m{put}"), module);
            if status != 200 {
                refusal = Some(format!("compile: {body}"));
                break;
            }
            put += 1;
        }
        let answers = match refusal {
            Some(why) => inputs.iter().map(|_| Err(why.clone())).collect(),
            None => inputs.iter().map(|input| self.answer(input)).collect(),
        };
        for number in (0..put).rev() {
            self.request("DELETE", &format!("/v1/policies/m{number}"), "");
        }
        answers
    }

    fn answer(&mut self, input: &str) -> Result<Value, String> {
        let (status, body) = self.request("POST", "/v1/data", &format!("{{\"input\": {input}}}"));
        if status != 200 {
            return Err(format!("evaluation: {body}"));
        }
        let mut answer: Value = serde_json::from_str(&body).unwrap();
        Ok(answer["result"].take())
    }

    fn request(&mut self, method: &str, path: &str, body: &str) -> (u16, String) {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n", self.address, body.len());
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        self.response()
    }

    fn response(&mut self) -> (u16, String) {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        let (mut length, mut chunked) = (0, false);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            chunked |= line.starts_with("transfer-encoding:") && line.ends_with("chunked");
        }
        (status, if chunked { self.chunks() } else { self.take(length) })
    }

    fn chunks(&mut self) -> String {
        let mut body = String::new();
        loop {
            let mut size = String::new();
            self.stream.read_line(&mut size).unwrap();
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            body.push_str(&self.take(size));
            self.take(2);
            if size == 0 {
                return body;
            }
        }
    }

    fn take(&mut self, length: usize) -> String {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }
}

impl Drop for Opa {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn connect(address: &str) -> BufReader<TcpStream> {
    let begin = Instant::now();
    loop {
        match TcpStream::connect(address) {
            Ok(stream) => {
                stream.set_nodelay(true).unwrap();
                return BufReader::new(stream);
            }
            Err(error) => assert!(begin.elapsed() < Duration::from_secs(20), "opa does not listen: {error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
