import { Command } from 'cmdk';
import { useState } from 'react';
import type { BatchPage, ImagePage } from '../../api/contract.ts';
import { routes } from '../../api/routes.ts';
import { query } from '../live/client.ts';
import { commandGroups } from '../live/commands.ts';
import { go, href, imageHref } from '../live/router.ts';
import { useResource } from '../live/use-resource.ts';
import { useSettled } from '../live/use-settled.ts';
import { strings } from '../strings.ts';
import { VIEWS } from '../views/all.ts';
import { prefixes } from '../views/images/filters.ts';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { closeOverlay, openKeys } from './palette-open.ts';
import './palette.css';

const text = strings.palette;

/** Where to, what to do, and what to look for: from anywhere, by keyboard alone. */
export default function Palette() {
  const [typed, setTyped] = useState('');
  const words = useSettled(typed.trim());
  const asked = words.length >= 2 ? words : undefined;
  const images = useResource<ImagePage>(
    asked && `${routes.images}${query({ text: prefixes(asked), limit: 5 })}`,
  );
  const batches = useResource<BatchPage>(asked && `${routes.batches}${query({ prefix: asked, limit: 5 })}`);
  const then = (run: () => void) => () => {
    closeOverlay();
    run();
  };
  const item = (
    key: string,
    label: string,
    run: () => void,
    more?: { hint?: string | undefined; keys?: string },
  ) => (
    <Command.Item key={key} value={key} keywords={[label]} onSelect={then(run)}>
      <bdi>{label}</bdi>
      {more?.hint !== undefined && <span className="hint">{more.hint}</span>}
      {more?.keys !== undefined && <kbd>{more.keys}</kbd>}
    </Command.Item>
  );
  const fits = (label: string) => label.toLowerCase().includes(typed.trim().toLowerCase());
  const goes = [
    ...VIEWS.map(({ name }) => strings.nav[name]),
    strings.nav.receipts,
    strings.nav.calibration,
    strings.keys.title,
  ].some(fits);
  return (
    <Dialog title={text.label} heading={false} className="palette" onClose={closeOverlay}>
      <Command label={text.label} shouldFilter={false} loop>
        <div className="palette-input">
          <Icon name="search" />
          <Command.Input
            value={typed}
            onValueChange={setTyped}
            placeholder={text.placeholder}
            data-autofocus
          />
        </div>
        <Command.List label={text.label}>
          <Command.Empty>{text.nothing}</Command.Empty>
          {words !== '' && (
            <Command.Group heading={text.images}>
              {item(`search ${words}`, text.search(words), () =>
                go(href(['images'], new URLSearchParams({ text: words }))),
              )}
              {asked !== undefined &&
                images.data?.images.map(({ id, name, batchId }) =>
                  item(`image ${id}`, name, () => go(imageHref(id)), { hint: batchId }),
                )}
            </Command.Group>
          )}
          {asked !== undefined && (batches.data?.batches.length ?? 0) > 0 && (
            <Command.Group heading={text.batches}>
              {batches.data?.batches.map(({ batchId, images: count }) =>
                item(
                  `batch ${batchId}`,
                  batchId,
                  () => go(href(['images'], new URLSearchParams({ batch: batchId }))),
                  { hint: strings.common.images(count) },
                ),
              )}
            </Command.Group>
          )}
          {commandGroups().map(({ group, commands }) => {
            const shown = commands.filter(({ label }) => fits(label));
            return (
              shown.length > 0 && (
                <Command.Group key={group} heading={group}>
                  {shown.map(({ label, key, run }) =>
                    item(`${group} ${label}`, label, run, key === undefined ? {} : { keys: key }),
                  )}
                </Command.Group>
              )
            );
          })}
          <Command.Group heading={text.go} hidden={!goes}>
            {VIEWS.filter(({ name }) => fits(strings.nav[name])).map(({ name }) =>
              item(`view ${name}`, strings.nav[name], () => go(href([name]))),
            )}
            {fits(strings.nav.secondLook) &&
              item('view second-look', strings.nav.secondLook, () => go(href(['second-look'])))}
            {fits(strings.nav.calibration) &&
              item('view calibration', strings.nav.calibration, () => go(href(['calibration'])))}
            {fits(strings.nav.receipts) &&
              item('view receipts', strings.nav.receipts, () => go(href(['receipts'])))}
            {fits(strings.keys.title) && item('keys', strings.keys.title, openKeys, { keys: '?' })}
          </Command.Group>
        </Command.List>
      </Command>
      <p className="hint">{text.hint}</p>
    </Dialog>
  );
}
