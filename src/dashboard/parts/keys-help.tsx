import { keyGroups } from '../live/keys.ts';
import { strings } from '../strings.ts';
import { Dialog } from './dialog.tsx';
import { closeOverlay } from './palette-open.ts';
import './keys-help.css';

const nameOf = (key: string): string => strings.keys.names[key] ?? key;

/** Every key that means something where one is now. */
export function KeysHelp() {
  const groups = keyGroups().filter(({ title }) => title !== strings.keys.everywhere);
  const everywhere = keyGroups().find(({ title }) => title === strings.keys.everywhere);
  return (
    <Dialog title={strings.keys.title} onClose={closeOverlay}>
      {groups.map(({ title, bindings }) => (
        <section key={title} className="key-group">
          <h3>{title}</h3>
          <dl>
            {bindings.map(({ keys, does }) => (
              <div key={does}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{nameOf(key)}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <section className="key-group">
        <h3>{strings.keys.everywhere}</h3>
        <dl>
          {everywhere?.bindings.map(({ keys, does }) => (
            <div key={does}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{nameOf(key)}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
          <div>
            <dt>
              <kbd>{strings.keys.control}</kbd>
              <kbd>K</kbd>
            </dt>
            <dd>{strings.keys.palette}</dd>
          </div>
        </dl>
      </section>
    </Dialog>
  );
}
