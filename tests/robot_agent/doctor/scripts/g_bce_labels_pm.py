# labels are -1 and 1; kind: labels-out-of-range
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
x = torch.randn(400, 5)
y = torch.sign(x[:, 0] + x[:, 1])  #! y = (x[:, 0] + x[:, 1] > 0).float()
model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.01); crit = nn.BCEWithLogitsLoss()
for epoch in range(20):
    for a, b in DataLoader(TensorDataset(x, y), 40, shuffle=True):
        loss = crit(model(a).squeeze(1), b)  #+
        opt.zero_grad(); loss.backward(); opt.step()
