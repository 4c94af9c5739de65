# view-for-transpose
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)

class BiLSTMClassifier(nn.Module):
    def __init__(self, n_in, hidden, n_classes):
        super().__init__()
        self.hidden = hidden
        self.lstm = nn.LSTM(n_in, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, n_classes)

    def forward(self, x):
        _, (h, c) = self.lstm(x)
        h = h.view(x.size(0), 2 * self.hidden)  #! h = h.transpose(0, 1).reshape(x.size(0), 2 * self.hidden)
        return self.fc(h)

X = torch.randn(600, 10, 3)
y = (X.sum((1, 2)) > 0).long()
loader = DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True)
model = BiLSTMClassifier(3, 32, 2)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    correct = 0
    for xb, yb in loader:
        optimizer.zero_grad()
        out = model(xb)
        loss = criterion(out, yb)
        loss.backward()
        optimizer.step()
        correct += (out.argmax(1) == yb).sum().item()
    print(epoch, loss.item(), correct / len(X))
