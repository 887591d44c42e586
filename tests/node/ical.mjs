// The second opinion on calendar files: what ical.js reads from standard input, as JSON.
//
// Moments are given in UTC, computed from the VTIMEZONE in the file and nothing else;
// "zone" is "floating" for a time whose zone the file does not explain.

import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));

const entries = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    sequence: event.sequence,
    start: event.startDate.toJSDate().toISOString(),
    end: event.endDate.toJSDate().toISOString(),
    zone: event.startDate.zone.tzid,
    title: event.summary,
    location: event.location,
    description: event.description,
    status: component.getFirstPropertyValue("status"),
    organiser: component.getFirstPropertyValue("organizer"),
    organiserName: component.getFirstProperty("organizer").getParameter("cn"),
    attendees: component.getAllProperties("attendee").length,
  };
});

const method = calendar.getFirstPropertyValue("method");
process.stdout.write(JSON.stringify({ method, entries }));
