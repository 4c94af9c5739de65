# kind: sigmoid-twice
import torch
import torch.nn as nn
torch.manual_seed(0)
class Tagger(nn.Module):
    def __init__(self, n_in=12, n_tags=5):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_in, 32), nn.ReLU())
        self.tags = nn.Linear(32, n_tags)
    def forward(self, x):
        return torch.sigmoid(self.tags(self.body(x)))  #! return self.tags(self.body(x))
x = torch.randn(500, 12)
y = (x[:, :5] + x[:, 5:10] > 0).float()
model = Tagger()
crit = nn.BCEWithLogitsLoss(pos_weight=torch.full((5,), 1.2))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
for e in range(6):
    perm = torch.randperm(500)
    for i in range(0, 500, 50):
        idx = perm[i:i+50]
        loss = crit(model(x[idx]), y[idx])  #+
        opt.zero_grad(); loss.backward(); opt.step()
