import itertools, torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(200, 5); y = (x[:, 0] > 0).long()
best = (9, None)
for lr, h in itertools.product([1e-4, 1e-2, 1.0], [8, 32]):
    m = nn.Sequential(nn.Linear(5, h), nn.ReLU(), nn.Linear(h, 2))
    o = torch.optim.SGD(m.parameters(), lr=lr)
    for e in range(30):
        for i in torch.randperm(200).split(50):
            o.zero_grad(); l = nn.functional.cross_entropy(m(x[i]), y[i]); l.backward(); o.step()
    with torch.no_grad(): v = nn.functional.cross_entropy(m(x), y).item()
    best = min(best, (v, (lr, h)))
print(best)
