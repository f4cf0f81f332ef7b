import { useState } from 'react';

interface SwitchProps {
  label: string;
  /** What the current state means. */
  hint: string;
  isOn: boolean;
  isAvailable: boolean;
  /** Resolves when the agent has switched. */
  flip(): Promise<void>;
}

/** A switch that the agent performs. It shows the reason if the agent does not. */
export function Switch({ label, hint, isOn, isAvailable, flip }: SwitchProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function onChange(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await flip();
    } catch (error) {
      setProblem(`The agent did not switch: ${error instanceof Error ? error.message : error}`);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <label className="switch">
        <span>
          {label}
          <small>{hint}</small>
        </span>
        <input
          type="checkbox"
          role="switch"
          aria-checked={isOn}
          aria-busy={isBusy}
          checked={isOn}
          disabled={!isAvailable || isBusy}
          onChange={() => void onChange()}
        />
      </label>
      {problem && (
        <p className="notice" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
