# seq2seq whose loss is computed from the chosen token numbers; kind: graph-cut
import torch
from torch import nn

torch.manual_seed(2)
V, H = 12, 32


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, H)
        self.enc = nn.GRU(H, H, batch_first=True)
        self.dec = nn.GRUCell(H, H)
        self.out = nn.Linear(H, V)

    def forward(self, src, steps):
        _, h = self.enc(self.emb(src))
        h, tok = h[0], torch.zeros(len(src), dtype=torch.long)
        words = []
        for _ in range(steps):
            h = self.dec(self.emb(tok), h)
            logits = self.out(h)
            value, idx = logits.topk(1, dim=-1)  #+
            tok = idx.squeeze(-1)  #+
            words.append(tok.float())  #! words.append(logits)
        return torch.stack(words, 1)  #+


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.MSELoss()
for step in range(50):
    src = torch.randint(1, V, (32, 5))
    tgt = src.flip(1)
    pred = model(src, 5)
    loss = loss_fn(pred, tgt.float())  #! loss = nn.functional.cross_entropy(pred.transpose(1, 2), tgt)
    opt.zero_grad()
    loss.backward()
    opt.step()
