import { useState } from 'preact/hooks';
import { useReader } from '../context.ts';

/** Asks for the API token once; it is kept in this browser. */
export function TokenForm({
  wrong,
  onToken,
}: {
  readonly wrong: boolean;
  readonly onToken: (token: string) => void;
}) {
  const { t } = useReader();
  const [token, setToken] = useState('');
  return (
    <form
      class="card narrow-card"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim() !== '') onToken(token.trim());
      }}
    >
      <h1 class="section-title">{t('token.title')}</h1>
      <p>{t('token.about')}</p>
      <pre class="raw">npm run -s token</pre>
      <label>
        {t('token.label')}
        <input
          type="password"
          name="token"
          autocomplete="current-password"
          spellcheck={false}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
          aria-describedby={wrong ? 'token-wrong' : undefined}
        />
      </label>
      {wrong ? (
        <p id="token-wrong" class="wrong" role="alert">
          {t('token.wrong')}
        </p>
      ) : null}
      <button type="submit" class="button main">
        {t('token.submit')}
      </button>
    </form>
  );
}
