import { href } from '../live/router.ts';
import { Message } from '../parts/message.tsx';
import { strings } from '../strings.ts';

export function NotFound() {
  return (
    <Message title={strings.common.notFound}>
      <a className="button" href={href(['images'])}>
        {strings.common.toImages}
      </a>
    </Message>
  );
}
