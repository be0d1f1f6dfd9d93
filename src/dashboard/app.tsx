import { Suspense, useEffect, useLayoutEffect, useRef } from 'react';
import { usePlace } from './live/router.ts';
import { Halts } from './parts/halts.tsx';
import { Header } from './parts/header.tsx';
import { Notices } from './parts/notices.tsx';
import { Overlays } from './parts/overlays.tsx';
import { Spinner } from './parts/spinner.tsx';
import { strings } from './strings.ts';
import { BatchesView } from './views/batches/batches-view.tsx';
import { CalibrationView } from './views/calibration/calibration-view.tsx';
import { CandidateView } from './views/candidates/candidate-view.tsx';
import { EnquiriesView } from './views/enquiries/enquiries-view.tsx';
import { EnquiryView } from './views/enquiries/enquiry-view.tsx';
import { FindView } from './views/find/find-view.tsx';
import { ImageView } from './views/image/image-view.tsx';
import { ImagesView } from './views/images/images-view.tsx';
import { NotFound } from './views/not-found.tsx';
import { GroupView } from './views/people/group-view.tsx';
import { PeopleView } from './views/people/people-view.tsx';
import { PipelineView } from './views/pipeline/pipeline-view.tsx';
import { ReceiptsView } from './views/receipts/receipts-view.tsx';
import { ReviewView } from './views/review/review-view.tsx';
import { SecondLookView } from './views/second-look/second-look-view.tsx';
import { TroubleView } from './views/trouble/trouble-view.tsx';
import { UploadView } from './views/upload/upload-view.tsx';

/** How many parts an address of a view may have, where it is more than its name. */
const DEPTH: Readonly<Record<string, number>> = { images: 2, enquiries: 3, people: 2 };

/** Views that stand under another one in the navigation. */
const ABOVE: Readonly<Record<string, string>> = { 'second-look': 'enquiries', calibration: 'review' };

function CurrentView() {
  const { path, search } = usePlace();
  const [view = 'images', id, part] = path;
  if (path.length > (DEPTH[view] ?? 1)) return <NotFound />;
  if (view === 'images')
    return id === undefined ? <ImagesView search={search} /> : <ImageView key={id} id={id} />;
  if (view === 'upload') return <UploadView />;
  if (view === 'pipeline') return <PipelineView />;
  if (view === 'review') return <ReviewView key={search.toString()} search={search} />;
  if (view === 'find')
    return <FindView key={search.toString()} face={search.get('face')} image={search.get('image')} />;
  if (view === 'enquiries') {
    if (id === undefined) return <EnquiriesView search={search} />;
    return part === undefined ? (
      <EnquiryView key={id} id={id} />
    ) : (
      <CandidateView key={part} enquiry={id} id={part} />
    );
  }
  if (view === 'people')
    return id === undefined ? <PeopleView search={search} /> : <GroupView key={id} id={id} />;
  if (view === 'second-look') return <SecondLookView key={search.toString()} search={search} />;
  if (view === 'trouble') return <TroubleView />;
  if (view === 'batches') return <BatchesView search={search} />;
  if (view === 'calibration') return <CalibrationView />;
  if (view === 'receipts') return <ReceiptsView />;
  return <NotFound />;
}

export function App() {
  const { path } = usePlace();
  const main = useRef<HTMLElement>(null);
  const where = path.join('/');
  const before = useRef(where);

  // Before the grid goes back to where one was.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view is the reason
  useLayoutEffect(() => {
    // Its answer is a promise where browsers scroll smoothly: no clean-up.
    window.scrollTo(0, 0);
  }, [where]);

  // A new view begins at its beginning, for eyes and for screen readers alike.
  useEffect(() => {
    if (before.current === where) return;
    before.current = where;
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [where]);

  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: a skip link, whose fragment the router would take for a view */}
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {strings.skipToContent}
      </a>
      <Header view={ABOVE[path[0] ?? ''] ?? path[0] ?? 'images'} />
      <Halts />
      <main id="main" ref={main} tabIndex={-1}>
        <Suspense fallback={<Spinner />}>
          <CurrentView />
        </Suspense>
      </main>
      <Notices />
      <Overlays />
    </>
  );
}
