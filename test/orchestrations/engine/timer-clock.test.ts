import { TimerClock } from '../../../local/host/durable/timer-clock.ts';

const day = 24 * 60 * 60 * 1000;
let now: number;
let due: number[];
let fired: number[];
let clock: TimerClock;
let works: boolean;

beforeEach(() => {
  jest.useFakeTimers();
  now = 0;
  due = [];
  fired = [];
  works = true;
  clock = new TimerClock({
    now: () => now,
    next: () => (due.length === 0 ? undefined : Math.min(...due)),
    fire: () => {
      if (!works) return false;
      fired.push(...due.filter((at) => at <= now));
      due = due.filter((at) => at > now);
      return true;
    },
  });
  clock.start();
});

afterEach(() => {
  clock.stop();
  jest.useRealTimers();
});

function add(at: number): void {
  due.push(at);
  clock.added(at);
}

/** Lets the machine's monotonic time pass, and the wall clock with it. */
function pass(ms: number): void {
  for (let left = ms; left > 0; left -= 50) {
    now += 50;
    jest.advanceTimersByTime(50);
  }
}

test('fires when the time has come', () => {
  add(200);
  pass(150);
  expect(fired).toEqual([]);
  pass(50);
  expect(fired).toEqual([200]);
});

test('an earlier timer that is added later fires first', () => {
  add(500);
  add(100);
  pass(100);
  expect(fired).toEqual([100]);
  pass(400);
  expect(fired).toEqual([100, 500]);
});

test('a clock that is set forward is noticed within a second', () => {
  add(day);
  now = day + 1;
  pass(1_000);
  expect(fired).toEqual([day]);
});

test('a clock that is set back delays a timer and does not lose it', () => {
  add(1_000);
  now = -day;
  pass(5_000);
  expect(fired).toEqual([]);
  now = 1_000;
  pass(1_000);
  expect(fired).toEqual([1_000]);
});

test('a timer that is years away does not fire early', () => {
  add(10_000 * day);
  pass(10_000);
  expect(fired).toEqual([]);
});

test('timers that could not be fired are tried again', () => {
  works = false;
  add(100);
  pass(2_000);
  works = true;
  pass(1_000);
  expect(fired).toEqual([100]);
});

test('nothing fires after it was stopped', () => {
  add(100);
  clock.stop();
  pass(1_000);
  expect(fired).toEqual([]);
});
