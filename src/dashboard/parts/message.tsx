import type { ReactNode } from 'react';

interface MessageProps {
  title: string;
  text?: string;
  kind?: 'calm' | 'error';
  children?: ReactNode;
}

/** What stands where there is nothing to show: why, and what one can do. */
export function Message({ title, text, kind = 'calm', children }: MessageProps) {
  return (
    <div className={`message ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {children}
    </div>
  );
}
