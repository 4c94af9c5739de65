import torch
from torch import nn
torch.manual_seed(0)
text = "the robot drives to what it sees and learns to do so well " * 20
chars = sorted(set(text)); ids = torch.tensor([chars.index(c) for c in text])
class LM(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.e, self.p = nn.Embedding(n, 32), nn.Parameter(torch.zeros(16, 32))
        self.b = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, 0.1, batch_first=True, norm_first=True), 2, enable_nested_tensor=False)
        self.o = nn.Linear(32, n)
        self.o.weight = self.e.weight
    def forward(self, x):
        m = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        return self.o(self.b(self.e(x) + self.p[: x.shape[1]], mask=m, is_causal=True))
net = LM(len(chars)); opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.1)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 3e-3, total_steps=60)
for i in range(60):
    j = torch.randint(0, len(ids) - 17, (16,))
    x = torch.stack([ids[k:k + 16] for k in j]); y = torch.stack([ids[k + 1:k + 17] for k in j])
    loss = nn.functional.cross_entropy(net(x).transpose(1, 2), y)
    opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 1.0); opt.step(); sched.step()
net.eval()
with torch.no_grad():
    c = ids[None, :8]
    for _ in range(10): c = torch.cat([c, torch.multinomial(net(c[:, -16:])[:, -1].softmax(-1), 1)], 1)
print(loss.item(), "".join(chars[i] for i in c[0]))
