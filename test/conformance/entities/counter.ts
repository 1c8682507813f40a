import type { EntityHandler } from 'durable-functions';

/** The entity of the documentation's examples: `add`, `get`, `reset`, and `fail` and `delete`. */
export const counter: EntityHandler<number> = (context) => {
  const { df } = context;
  const value = df.getState(() => 0) ?? 0;
  switch (df.operationName) {
    case 'add':
      df.setState(value + (df.getInput<number>() ?? 0));
      break;
    case 'reset':
      df.setState(0);
      break;
    case 'get':
      df.return(value);
      break;
    case 'fail':
      df.setState(-1);
      throw new Error('refused');
    case 'delete':
      df.destructOnExit();
      break;
  }
};
