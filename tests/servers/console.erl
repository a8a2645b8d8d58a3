%% A console on standard input for the test harness, given to `erl -eval` once ejabberd is up: a line of Erlang in, a
%% line "grend ok ..." or "grend error ..." out. The end of the input means that the harness is gone: the server deletes
%% its folder and leaves.
%%
%% Standard input and not a port or Erlang's distribution, because a pipe closes by itself when a test program dies,
%% however it dies, and because distribution would leave an epmd behind.
Folder = os:getenv("GREND_FOLDER"),
Say = fun(Word, Text) -> io:format("grend ~s ~s~n", [Word, Text]) end,
Evaluate = fun(Line) ->
    {ok, Tokens, _} = erl_scan:string(Line),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = erl_eval:exprs(Expressions, []),
    Value
end,
Serve = fun Serve() ->
    case io:get_line("") of
        Line when is_list(Line) ->
            try Evaluate(Line) of
                Value -> Say("ok", io_lib:format("~0p", [Value]))
            catch
                _:Reason -> Say("error", io_lib:format("~0p", [Reason]))
            end,
            Serve();
        _ ->
            file:del_dir_r(Folder),
            erlang:halt(0, [{flush, false}])
    end
end,
%% A private server must survive `kill -9`, not a power cut of the machine: waiting for the disk after every message
%% would make a hundred tests wait for each other's disk.
[{updated, _} = ejabberd_sql:sql_query(Host, <<"PRAGMA synchronous = OFF">>) || Host <- ejabberd_option:hosts()],
Say("ready", ""),
spawn(Serve).
