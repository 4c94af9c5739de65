# states of two layers viewed as (batch, features); kind: view-for-transpose
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(800, 10, 3); y = (X[:, :, 0].mean(1) > X[:, :, 1].mean(1)).float()
class GRUClassifier(nn.Module):
    def __init__(self, n_in, hidden, layers=2):
        super().__init__()
        self.hidden, self.layers = hidden, layers
        self.gru = nn.GRU(n_in, hidden, layers, batch_first=True)
        self.out = nn.Linear(hidden * layers, 1)
    def forward(self, x):
        _, h = self.gru(x)
        feats = h.reshape(-1, self.layers * self.hidden) #! feats = h.transpose(0, 1).reshape(-1, self.layers * self.hidden)
        return self.out(feats).squeeze(1)
net = GRUClassifier(3, 16); opt = torch.optim.Adam(net.parameters(), lr=0.005); crit = nn.BCEWithLogitsLoss()
for epoch in range(12):
    for xb, yb in DataLoader(TensorDataset(X, y), 32, shuffle=True):
        opt.zero_grad(); loss = crit(net(xb), yb); loss.backward(); opt.step()
    print(epoch, loss.item())
