// nodemailer with its pool: the same letter, its gaps filled for each reader.
// node pooled.mjs FOLDER PORT RECIPIENTS CONNECTIONS
import { readFileSync } from "node:fs";
import { join } from "node:path";
import nodemailer from "nodemailer";

const [folder, port, recipients, connections] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name), "utf8");
const readers = read("people.jsonl").split("\n").slice(0, Number(recipients)).map((line) => JSON.parse(line));
const escape = (text) =>
  text.replace(/[&<>"']/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" })[sign]);
const compiled = (template, written) => {
  const pieces = template.split(/\{\{ (\w+) \}\}/);
  return (reader) => pieces.map((piece, n) => (n % 2 ? written(reader[piece]) : piece)).join("");
};
const styles = Object.fromEntries(
  ["standard", "easy"].map((style) => [
    style,
    { text: compiled(read(`${style}.txt`), String), html: compiled(read(`${style}.html`), escape) },
  ]),
);
const subject = read("subject.txt");
const calendar = readFileSync(join(folder, "termin.ics"));

const cpu = process.cpuUsage();
const began = process.hrtime.bigint();
const transport = nodemailer.createTransport({
  pool: true, host: "127.0.0.1", port: Number(port), secure: false, ignoreTLS: true,
  maxConnections: Number(connections), maxMessages: Infinity,
});
let next = 0;
let sent = 0;
const work = async () => {
  while (next < readers.length) {
    const reader = readers[next++];
    const style = styles[reader.style];
    await transport.sendMail({
      envelope: { from: reader.return_path, to: [reader.address] },
      from: { name: "Kathrin Sommer", address: "k_sommer@mia.example" },
      to: { name: reader.name, address: reader.address },
      subject, messageId: reader.message_id,
      headers: { "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
      list: { unsubscribe: { url: reader.unsubscribe_url } },
      text: style.text(reader), html: style.html(reader),
      attachments: [{ filename: "termin.ics", content: calendar, contentType: "text/calendar; charset=utf-8" }],
    });
    sent++;
  }
};
// Two letters in hand for each connection keep the pool from running dry.
await Promise.all(Array.from({ length: 2 * Number(connections) }, work));
const used = process.cpuUsage(cpu);
transport.close();
console.log(JSON.stringify({
  sent,
  wall: Number(process.hrtime.bigint() - began) / 1e9,
  cpu: (used.user + used.system) / 1e6,
  peak_mb: Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024,
}));
process.exit(0);
