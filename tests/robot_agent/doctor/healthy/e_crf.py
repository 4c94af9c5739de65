import torch
from torch import nn
torch.manual_seed(0)
K = 4
class CRF(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.fc, self.trans = nn.Embedding(12, 16), nn.Linear(16, K), nn.Parameter(torch.zeros(K, K))
    def nll(self, x, y):
        e = self.fc(self.emb(x))
        gold = e.gather(2, y.unsqueeze(2)).squeeze(2).sum(1) + self.trans[y[:, :-1], y[:, 1:]].sum(1)
        alpha = e[:, 0]
        for t in range(1, x.shape[1]):
            alpha = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + e[:, t]
        return (torch.logsumexp(alpha, 1) - gold).mean()
m = CRF(); opt = torch.optim.Adam(m.parameters(), 2e-2)
for s in range(60):
    x = torch.randint(0, 12, (32, 6)); y = x % K
    loss = m.nll(x, y); opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
