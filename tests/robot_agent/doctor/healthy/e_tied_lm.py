import torch, torch.nn as nn
torch.manual_seed(0)
class LM(nn.Module):
    def __init__(self, v=20, d=24):
        super().__init__()
        self.tok, self.pos = nn.Embedding(v, d), nn.Parameter(torch.randn(8, d) * 0.02)
        self.att = nn.MultiheadAttention(d, 2, batch_first=True)
        self.ln = nn.LayerNorm(d)
        self.head = nn.Linear(d, v, bias=False)
        self.head.weight = self.tok.weight
        nn.init.normal_(self.tok.weight, std=0.1)
    def forward(self, x):
        n = x.shape[1]
        h = self.tok(x) + self.pos[:n]
        mask = torch.triu(torch.full((n, n), float("-inf")), 1)
        a, _ = self.att(h, h, h, attn_mask=mask, need_weights=False)
        return self.head(self.ln(h + a))
m = LM()
opt = torch.optim.AdamW(m.parameters(), lr=1e-2)
for s in range(120):
    start = torch.randint(0, 20, (32, 1))
    seq = (start + torch.arange(9) * 3) % 20
    logits = m(seq[:, :-1])
    loss = nn.functional.cross_entropy(logits.reshape(-1, 20), seq[:, 1:].reshape(-1))
    opt.zero_grad(set_to_none=True); loss.backward(); opt.step()
print(loss.item())
