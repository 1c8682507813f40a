/** A task as the replay knows it: whether it ended, and what then goes on. */
export interface Task {
  ended: boolean;
  onEnd: (() => void) | undefined;
}

/** Ends with the first of them. */
export function anyOf(children: readonly Task[]): Task {
  const task = openTask();
  for (const child of children) onEnd(child, () => endTask(task));
  return task;
}

/** Ends with the last of them. */
export function allOf(children: readonly Task[]): Task {
  const task = openTask();
  let left = children.length;
  for (const child of children) {
    onEnd(child, () => {
      left--;
      if (left === 0) endTask(task);
    });
  }
  return task;
}

export function openTask(): Task {
  return { ended: false, onEnd: undefined };
}

export function endedTask(): Task {
  return { ended: true, onEnd: undefined };
}

export function endTask(task: Task): void {
  if (task.ended) return;
  task.ended = true;
  task.onEnd?.();
}

function onEnd(task: Task, run: () => void): void {
  if (task.ended) run();
  else task.onEnd = run;
}
